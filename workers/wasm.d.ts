/** Modules that scripts/wasm.mjs compiles from AssemblyScript, in base64. */
declare module '*?wasm' {
  const base64: string;
  export default base64;
}
declare module '*?wasm=simd' {
  const base64: string;
  export default base64;
}
