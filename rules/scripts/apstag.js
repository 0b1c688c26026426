/* Stands in for Amazon's ad auction: it ends at once without a bid, so that pages do not wait for it. */
(function () {
  "use strict";
  var nothing = function () {};
  var bids = function (_, done) {
    if (typeof done === "function") window.setTimeout(function () { done([]); }, 0);
  };
  var old = (window.apstag && window.apstag._Q) || [];
  window.apstag = {
    _Q: { push: function (call) { if (call && call[0] === "f") bids.apply(null, call[1]); } },
    init: function (_, done) { if (typeof done === "function") window.setTimeout(done, 0); },
    fetchBids: bids, setDisplayBids: nothing, targetingKeys: function () { return []; },
    rpa: nothing, upa: nothing, dpa: nothing, debug: nothing
  };
  old.forEach(window.apstag._Q.push);
})();
