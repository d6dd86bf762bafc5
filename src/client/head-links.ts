/** When the browser learns of the app's icon and manifest. */

/**
 * Shows the browser the links that wait in a template of the HTML (scripts/first-load.mjs): reading the manifest and icons, drawing the tab anew
 * and showing that the app can be installed keep a slow device busy for half a second.
 */
export function showLinks(): void {
  const template = document.querySelector<HTMLTemplateElement>('head > template');
  if (template === null) return;
  document.querySelector('head > link[rel="icon"]')?.remove();
  document.head.append(template.content);
}
