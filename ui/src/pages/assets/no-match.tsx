/** Over a graph or tree that the filter leaves nothing of. */
export function NoMatch({ clear }: { clear: () => void }) {
  return (
    <div className="no-match notice" role="status">
      <span>No asset is like that.</span>
      <button type="button" className="button small" onClick={clear}>Clear the filter</button>
    </div>
  );
}
