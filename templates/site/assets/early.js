/* Runs before the page is painted: language and theme as last chosen, and the place where data shards arrive. */
(function () {
  "use strict";
  var root = document.documentElement;
  var kept = { lang: "", theme: "" };
  try {
    kept.lang = localStorage.getItem("orderctl.lang") || "";
    kept.theme = localStorage.getItem("orderctl.theme") || "";
  } catch (ignored) { /* storage may be forbidden for pages opened from a folder */ }
  root.classList.add("scripted");
  if (kept.lang === "en" || kept.lang === "zh") { root.dataset.lang = kept.lang; root.lang = kept.lang === "en" ? "en" : "zh-CN"; }
  if (kept.theme === "dark" || kept.theme === "light") { root.dataset.theme = kept.theme; }
  window.orderctl = {
    data: {},
    shard: function (name, value) { this.data[name] = value; },
    keep: function (key, value) { try { localStorage.setItem("orderctl." + key, value); } catch (ignored) { /* as above */ } },
  };
})();
