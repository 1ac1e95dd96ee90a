/** `import tulle from "tulle/plugin/rolldown"` */
import { tulle } from "./plugin.js";

export default tulle.rolldown;
