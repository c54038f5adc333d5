export const ResourcesPage = () => <p>soon</p>;
