/** How far a run is: succeeded, failed and otherwise ended steps as parts of one bar. */
export function StepsBar({ total, succeeded, failed, ended }: { total: number; succeeded: number; failed: number; ended: number }) {
  const part = (n: number): string => `${total ? (100 * n) / total : 0}%`;
  return (
    <span className="steps-bar" role="img" aria-label={`${succeeded} of ${total} steps succeeded${failed ? `, ${failed} failed` : ""}`}>
      <i className="bar-success" style={{ width: part(succeeded) }} />
      <i className="bar-failure" style={{ width: part(failed) }} />
      <i className="bar-other" style={{ width: part(Math.max(0, ended - succeeded - failed)) }} />
    </span>
  );
}
