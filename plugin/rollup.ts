/** `import tulle from "tulle/plugin/rollup"` */
import { tulle } from "./plugin.js";

export default tulle.rollup;
