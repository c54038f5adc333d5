export const AssetPage = () => <p>soon</p>;
