import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** What the page shows now has no fault that axe knows, in both themes, which differ in colors alone. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"], ...(colorScheme === "dark" && { runOnly: ["color-contrast", "link-in-text-block"] }) });
    axe.setLegacyMode(); // without frames one need not ask in a page of its own, which takes as long as all the rest
    const { violations } = await axe.analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`), `${what}, ${colorScheme}`).toEqual([]);
  }
}
