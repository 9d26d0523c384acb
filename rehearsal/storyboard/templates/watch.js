// Loads this page again when version.js has changed. Works from a disk, where a page may not fetch but may load scripts.
"use strict";
(function () {
  var seen = null;
  var waited = 0;
  window.first100Version = function (version) {
    if (seen !== null && version !== seen) { location.reload(); }
    seen = version;
  };
  function ask() {
    var script = document.createElement("script");
    waited += 1;
    script.src = "version.js?" + waited;
    script.onload = script.onerror = function () { script.remove(); setTimeout(ask, 300); };
    document.head.appendChild(script);
  }
  ask();
}());
