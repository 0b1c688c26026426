/* Stands in for the loader of the Facebook pixel: every call is accepted, nothing is sent. */
(function () {
  "use strict";
  if (window.fbq && window.fbq.shield) return;
  var fbq = function () {};
  fbq.shield = true;
  fbq.loaded = true;
  fbq.version = "2.0";
  fbq.queue = [];
  fbq.push = fbq.callMethod = fbq.track = fbq.init = fbq;
  window.fbq = window._fbq = fbq;
})();
