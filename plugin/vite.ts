/** `import tulle from "tulle/plugin/vite"` */
import { tulle } from "./plugin.js";

export default tulle.vite;
