/** What editors and other tools take from the language service. */
export { createLanguageService, type LanguageService, type LanguageServiceOptions } from "./service.js";
export * from "./types.js";
