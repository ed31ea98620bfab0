// What a page could use to go round the proxy, or to outlive its tab, is not there. In every frame, before its own scripts.
(() => {
  const remove = (owner, name) => {
    try {
      Object.defineProperty(owner, name, { value: undefined, writable: false, enumerable: false, configurable: false });
    } catch {}
  };
  const strip = (realm) => {
    for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "RTCDataChannel", "RTCIceTransport"])
      remove(realm, name);
    try {
      if (realm.ServiceWorkerContainer) {
        Object.defineProperty(realm.ServiceWorkerContainer.prototype, "register", {
          value: () => Promise.reject(new realm.DOMException("Service workers are off in this browser.", "SecurityError")),
          writable: false, configurable: false,
        });
        // Pages that look whether there are any find none.
        delete realm.Navigator.prototype.serviceWorker;
      }
    } catch {}
  };
  strip(globalThis);
})();
