import { setTheme, useTheme, type ThemeChoice } from "../app/theme";
import { Icon, type IconName } from "./icons";

const order: ThemeChoice[] = ["system", "light", "dark"];
const icons: Record<ThemeChoice, IconName> = { system: "system", light: "sun", dark: "moon" };

/** System, light, dark, and round again. */
export function ThemeSwitch() {
  const { choice } = useTheme();
  const next = order[(order.indexOf(choice) + 1) % order.length]!;
  return (
    <button type="button" className="rail-link" onClick={() => setTheme(next)} aria-label={`Theme: ${choice}`} title={`Switch to ${next}`}>
      <Icon name={icons[choice]} />
      <span>{choice[0]!.toUpperCase() + choice.slice(1)}<span className="wide-only"> theme</span></span>
    </button>
  );
}
