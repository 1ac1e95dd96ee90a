/** `import tulle from "tulle/plugin/esbuild"` */
import { tulle } from "./plugin.js";

export default tulle.esbuild;
