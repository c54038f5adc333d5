export const ResourcePage = () => <p>soon</p>;
