/** Of the Network Information API, which TypeScript's DOM does not know yet; Firefox and Safari lack it. */
type WithConnection = Navigator & { readonly connection?: EventTarget };

/** Calls back when the browser says that it is online again or has changed its network. Returns the function that ends it. */
export function onNetworkChange(listener: () => void): () => void {
  const connection = 'navigator' in globalThis ? (navigator as WithConnection).connection : undefined;
  globalThis.addEventListener?.('online', listener);
  connection?.addEventListener('change', listener);
  return () => {
    globalThis.removeEventListener?.('online', listener);
    connection?.removeEventListener('change', listener);
  };
}
