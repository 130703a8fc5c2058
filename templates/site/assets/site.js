/* The two switches, words in attributes, links into folded parts, and the foot that says what was built when. */
(function () {
  "use strict";
  var root = document.documentElement;
  var title = document.querySelector("title");
  var titles = { zh: title.textContent, en: title.dataset.en };

  function swap(selector, read, write) {
    document.querySelectorAll(selector).forEach(function (node) {
      if (node.orderctlZh === undefined) { node.orderctlZh = read(node); }
      write(node, root.dataset.lang === "en");
    });
  }

  function speak() {
    document.title = titles[root.dataset.lang];
    swap("[data-label-en]", function (n) { return n.getAttribute("aria-label"); }, function (n, en) {
      n.setAttribute("aria-label", en ? n.dataset.labelEn : n.orderctlZh);
    });
    swap("[data-placeholder-en]", function (n) { return n.placeholder; }, function (n, en) {
      n.placeholder = en ? n.dataset.placeholderEn : n.orderctlZh;
    });
    swap("option[data-en]", function (n) { return n.textContent; }, function (n, en) {
      n.textContent = en ? n.dataset.en : n.orderctlZh;
    });
    document.dispatchEvent(new Event("orderctl:language"));
  }

  function dark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  document.querySelectorAll("[data-switch]").forEach(function (button) {
    button.addEventListener("click", function () {
      if (button.dataset.switch === "lang") {
        root.dataset.lang = root.dataset.lang === "en" ? "zh" : "en";
        root.lang = root.dataset.lang === "en" ? "en" : "zh-CN";
        window.orderctl.keep("lang", root.dataset.lang);
        speak();
      } else {
        root.dataset.theme = dark() ? "light" : "dark";
        window.orderctl.keep("theme", root.dataset.theme);
      }
    });
  });

  function unfold() {
    var id = location.hash.slice(1);
    var target = id && id.indexOf("=") < 0 && document.getElementById(id);
    if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
  }

  function local(instant) {
    var at = new Date(instant);
    function two(n) { return String(n).padStart(2, "0"); }
    return isNaN(at) ? "" : at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + " " +
      two(at.getHours()) + ":" + two(at.getMinutes());
  }

  function foot() {
    var build = window.orderctl.data.build;
    var place = document.querySelector("[data-build]");
    var banner = document.querySelector("[data-errors]");
    if (!build) { return; }
    if (build.errors) {
      banner.hidden = false;
      banner.querySelector("[data-errors-count]").textContent = build.errors;
    }
    place.hidden = false;
    place.querySelector("[data-build-commit]").textContent = build.commit ? build.commit.slice(0, 10) : "";
    place.querySelector("[data-build-at]").textContent = local(build.at);
  }

  document.addEventListener("keydown", function (event) {
    var field = document.querySelector("[data-search]");
    if (event.key === "/" && field && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
  });
  window.addEventListener("hashchange", unfold);
  document.addEventListener("DOMContentLoaded", function () {
    foot();
    unfold();
    var here = document.querySelector(".nav [aria-current]");
    if (here) { here.scrollIntoView({ block: "nearest", inline: "center" }); }
  });
  speak();
})();
