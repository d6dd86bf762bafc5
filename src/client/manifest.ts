/** When the browser learns of the app's manifest. */

/**
 * Shows the browser the link to the manifest, which waits in a template of the HTML (scripts/first-load.mjs): reading manifest and icons, and
 * showing that the app can be installed, keeps a slow device busy for half a second.
 */
export function showManifest(): void {
  const template = document.querySelector<HTMLTemplateElement>('head > template');
  if (template !== null) document.head.append(template.content);
}
