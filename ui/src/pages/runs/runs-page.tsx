export const RunsPage = () => <p>soon</p>;
