/** `.net` files as modules, for every build tool: `tulle.vite()`, `tulle.rollup()`, `tulle.webpack()`, ... */
export { tulle, tulle as default } from "./plugin.js";
export type { NetOptions, TulleOptions } from "./options.js";
