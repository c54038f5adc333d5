export const DeploymentPage = () => <p>soon</p>;
