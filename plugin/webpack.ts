/** `import tulle from "tulle/plugin/webpack"` */
import { tulle } from "./plugin.js";

export default tulle.webpack;
