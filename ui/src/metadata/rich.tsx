// What few values need and is larger than the rest: loaded when the first of them is shown.
export { Json } from "./json";
export { Markdown } from "./markdown";
export { LineageTable, RecordsTable, SchemaTable } from "./tables";
