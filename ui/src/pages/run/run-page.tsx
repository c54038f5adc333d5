export const RunPage = () => <p>soon</p>;
