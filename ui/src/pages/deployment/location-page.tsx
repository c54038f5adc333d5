export const LocationPage = () => <p>soon</p>;
