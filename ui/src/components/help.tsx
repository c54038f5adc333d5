import { useEffect, useRef } from "react";

const rows: [string[], string][] = [
  [["Ctrl K"], "Go to anything"],
  [["g", "a"], "Assets"],
  [["g", "r"], "Runs"],
  [["g", "d"], "Deployment"],
  [["/"], "Filter or search"],
  [["m"], "Materialize all, or what is selected"],
  [["M"], "Launch with another selection, or with config"],
  [["j", "k"], "Next, previous row"],
  [["Enter"], "Open"],
  [["r"], "Retry the run, from its failure if it has one"],
  [["x"], "Cancel the run"],
  [["t"], "Assets as a tree, or as a graph"],
  [["f"], "Fit the graph into view"],
  [["Shift", "drag"], "Select the assets in a frame"],
  [["← → ↑ ↓"], "Along the graph, once it has the focus"],
  [["Esc"], "Close, clear the selection"],
  [["?"], "This help"],
];

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="help-title" onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div className="dialog-body">
        <h2 id="help-title">Keyboard</h2>
        <dl className="keys">
          {rows.map(([keys, what]) => (
            <div key={what}>
              <dt>{keys.map((key) => <kbd key={key} className="key">{key}</kbd>)}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <div className="row"><button type="button" className="button" onClick={() => dialog.current?.close()}>Close</button></div>
      </div>
    </dialog>
  );
}
