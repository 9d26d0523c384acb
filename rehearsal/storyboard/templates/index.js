// Whoever comes back from a mail finds its role, start date and reader chosen. Without this script both are shown.
"use strict";
(function () {
  function choose() {
    var day = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    var walk = day ? day.closest(".walk") : null;
    if (!walk) { return; }
    (walk.dataset.choices + " " + walk.closest(".part").dataset.choices).split(" ").forEach(function (id) {
      var choice = document.getElementById(id);
      if (choice) { choice.checked = true; }
    });
    day.scrollIntoView({ block: "center" });
  }
  document.documentElement.classList.add("js");
  window.addEventListener("hashchange", choose);
  choose();
}());
