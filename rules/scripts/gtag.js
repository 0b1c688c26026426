/* Stands in for Google's tag: callbacks that pages wait for are called, nothing is sent. */
(function () {
  "use strict";
  var later = function (call) {
    if (typeof call === "function") window.setTimeout(call, 0);
  };
  var heard = function (item) {
    var options = item && item.length > 2 ? item[2] : item;
    if (options && typeof options === "object") later(options.event_callback || options.eventCallback || options.hitCallback);
    return true;
  };
  var layer = (window.dataLayer = window.dataLayer || []);
  layer.forEach(heard);
  layer.push = heard;
  window.gtag = function () { heard(arguments); };
})();
