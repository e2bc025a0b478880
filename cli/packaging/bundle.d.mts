/** For tests in TypeScript; see `bundle.mjs`. */
export declare function bundleProgram(root: string, folder: string, version: string): Promise<{ parts: string[] }>;
