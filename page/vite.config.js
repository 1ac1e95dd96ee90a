/** `npm run page` serves this folder, `npm run page:build` makes page/dist of it. */
import { defineConfig } from "vite";
import tulle from "tulle/plugin/vite";

export default defineConfig({
  base: "./",
  build: { target: "es2022" },
  plugins: [tulle({ backend: "both", layers: ["c1", "s2", "c3", "s4", "c5", "f6", "fc3"] })],
});
