import { useEffect, useRef } from "react";
import { Icon } from "./icons";

const sections: [string, [string[], string][]][] = [
  ["Anywhere", [
    [["Ctrl K"], "Go to anything"],
    [["g", "a"], "Assets"],
    [["g", "r"], "Runs"],
    [["g", "d"], "Deployment"],
    [["/"], "Filter or search"],
    [["Esc"], "Close, clear the selection"],
    [["?"], "This help"],
  ]],
  ["Runs and lists", [
    [["m"], "Materialize all, or what is selected"],
    [["M"], "Launch with another selection, or with config"],
    [["j", "k"], "Next, previous row"],
    [["Enter"], "Open"],
    [["r"], "Retry the run, from its failure if it has one"],
    [["x"], "Cancel the run"],
  ]],
  ["Graph", [
    [["f"], "Fit it into view"],
    [["t"], "As a tree, or as a graph"],
    [["← → ↑ ↓"], "Along the graph, once it has the focus"],
    [["Shift", "drag"], "Select the assets in a frame"],
  ]],
];

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="help" onClose={close} aria-labelledby="help-title" onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div className="dialog-body">
        <div className="dialog-head"><h2 id="help-title">Keyboard</h2><button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}><Icon name="cross" /></button></div>
        <div className="key-sections">
          {sections.map(([title, rows]) => (
            <section key={title}>
              <h3>{title}</h3>
              <dl className="keys">
                {rows.map(([keys, what]) => (
                  <div key={what}>
                    <dt>{keys.map((key) => <kbd key={key} className="key">{key}</kbd>)}</dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
