/* Lists: search by substring, filter, sort, pages of rows, all of it in the address after "#".

   Rows stand in the table already, or come from shards (data-shards) and are made from a template when shown. */
(function () {
  "use strict";
  var ENDED = { closed: 1, cancelled: 1, rejected: 1 };

  function fold(text) { return text.normalize("NFKC").toLowerCase(); }

  function money(text) { return text ? text.replace(/\B(?=(\d{3})+(?=\.|$))/g, ",") : "–"; }

  /* --- rows that stand in the page --- */

  function standing(list) {
    var kind = list.dataset.of || "tr";
    return Array.from(list.querySelectorAll("[data-rows] > " + kind)).map(function (node) {
      return {
        node: function () { return node; },
        get: function (key) { return node.dataset[key] || ""; },
        text: fold(node.textContent),
      };
    });
  }

  /* --- rows made from shards --- */

  function names(list, key) {
    var found = {};
    list.querySelectorAll('[data-filter="' + key + '"] option').forEach(function (option) {
      var zh = option.orderctlZh === undefined ? option.textContent : option.orderctlZh;
      found[option.value] = { zh: zh.replace(/ \(\d+\)$/, ""), en: option.dataset.en.replace(/ \(\d+\)$/, "") };
    });
    return found;
  }

  function pair(place, name) {
    ["zh", "en"].forEach(function (lang) {
      var span = document.createElement("span");
      span.lang = lang;
      span.textContent = name[lang];
      place.append(span);
    });
  }

  function maker(list) {
    var template = list.querySelector("template[data-row]");
    var looks = {};
    var words = { salesperson: names(list, "salesperson"), waiting: names(list, "waiting") };
    list.querySelectorAll("template[data-look]").forEach(function (look) { looks[look.dataset.look] = look; });

    function fill(record) {
      var row = template.content.firstElementChild.cloneNode(true);
      row.querySelectorAll("[data-text]").forEach(function (n) { n.textContent = record[n.dataset.text]; });
      row.querySelectorAll("[data-money]").forEach(function (n) { n.textContent = money(record[n.dataset.money]); });
      row.querySelectorAll("[data-href]").forEach(function (n) {
        n.setAttribute("href", n.dataset.href.replace("{id}", encodeURIComponent(record.id)));
      });
      row.querySelectorAll("[data-if]").forEach(function (n) { if (!record[n.dataset.if]) { n.remove(); } });
      row.querySelectorAll("[data-name]").forEach(function (n) {
        var code = record[n.dataset.name];
        pair(n, words[n.dataset.name][code] || { zh: code, en: code });
      });
      row.querySelectorAll("[data-clone]").forEach(function (n) {
        var look = looks[record[n.dataset.clone]];
        if (look) { n.replaceWith(look.content.cloneNode(true)); } else { n.textContent = record[n.dataset.clone]; }
      });
      return row;
    }

    return function (columns, values) {
      var record = {};
      columns.forEach(function (column, n) { record[column] = values[n]; });
      var seller = words.salesperson[record.salesperson] || { zh: "", en: "" };
      var look = looks[record.status];
      var made = null;
      record.customer_name = record.zh;
      record.status_rank = look ? look.dataset.rank : "0";
      return {
        node: function () { made = made || fill(record); return made; },
        get: function (key) {
          if (key !== "status") { return String(record[key]); }
          return record.status + (record.late ? " late" : "") + (ENDED[record.status] ? "" : " open");
        },
        text: fold([record.id, record.number, record.customer, record.zh, record.en, record.salesperson, seller.zh,
          seller.en, look ? look.content.textContent : ""].join("\n")),
      };
    };
  }

  function sharded(list) {
    var make = maker(list);
    var rows = [];
    var missing = [];
    list.dataset.shards.split(" ").filter(Boolean).forEach(function (name) {
      var shard = window.orderctl.data[name];
      if (!shard) { missing.push(name); return; }
      shard.rows.forEach(function (values) { rows.push(make(shard.columns, values)); });
    });
    if (missing.length) {
      list.querySelector("[data-missing]").hidden = false;
      list.querySelector("[data-missing-names]").textContent = missing.join(", ");
    }
    return rows;
  }

  /* --- the list --- */

  function start(list) {
    var rows = list.dataset.shards ? sharded(list) : standing(list);
    var body = list.querySelector("[data-rows]");
    var size = Number(list.dataset.size);
    var filters = Array.from(list.querySelectorAll("[data-filter]"));
    var field = list.querySelector("[data-search]");
    var pager = list.querySelector("[data-pager]");
    var reset = list.querySelector("[data-reset]");
    var state = { q: "", sort: "", page: 1, chosen: {} };

    function read() {
      var given = new URLSearchParams(location.hash.slice(1));
      state.q = given.get("q") || "";
      state.sort = given.get("sort") || "";
      state.page = Math.max(1, parseInt(given.get("page"), 10) || 1);
      state.chosen = {};
      filters.forEach(function (filter) {
        var value = given.get(filter.dataset.filter) || "";
        if (filter.type === "checkbox") { filter.checked = value === filter.value; value = filter.checked ? value : ""; }
        else {
          filter.value = value;
          if (filter.selectedIndex < 0) { filter.selectedIndex = 0; value = ""; }
        }
        if (value) { state.chosen[filter.dataset.filter] = value; }
      });
      field.value = state.q;
    }

    function write() {
      var out = new URLSearchParams();
      Object.keys(state.chosen).forEach(function (key) { out.set(key, state.chosen[key]); });
      if (state.q) { out.set("q", state.q); }
      if (state.sort) { out.set("sort", state.sort); }
      if (state.page > 1) { out.set("page", state.page); }
      var hash = out.toString();
      try { history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search); }
      catch (ignored) { location.hash = hash; }
    }

    function fits(row, words) {
      return words.every(function (word) { return row.text.indexOf(word) >= 0; }) &&
        Object.keys(state.chosen).every(function (key) {
          return (" " + row.get(key) + " ").indexOf(" " + state.chosen[key] + " ") >= 0;
        });
    }

    function sorted(found) {
      if (!state.sort) { return found; }
      var down = state.sort[0] === "-";
      var key = state.sort.replace("-", "");
      var head = list.querySelector('[data-sort="' + CSS.escape(key) + '"]');
      if (!head) { return found; }
      var number = head.dataset.type === "number";
      return found.map(function (row) {
        var value = row.get(key);
        return { row: row, value: number ? (value === "" ? NaN : Number(value)) : value };
      }).sort(function (a, b) {
        if (number) {
          if (isNaN(a.value) || isNaN(b.value)) { return isNaN(a.value) - isNaN(b.value); }
          return down ? b.value - a.value : a.value - b.value;
        }
        if (!a.value || !b.value) { return !a.value - !b.value; }
        return (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) * (down ? -1 : 1);
      }).map(function (pair) { return pair.row; });
    }

    function show() {
      var words = fold(state.q).split(/\s+/).filter(Boolean);
      var found = sorted(rows.filter(function (row) { return fits(row, words); }));
      var last = Math.max(1, Math.ceil(found.length / size));
      state.page = Math.min(state.page, last);
      var from = (state.page - 1) * size;
      var part = found.slice(from, from + size);
      if (list.dataset.of) {
        rows.forEach(function (row) { row.node().hidden = true; });
        part.forEach(function (row) { row.node().hidden = false; });
      } else {
        body.replaceChildren.apply(body, part.map(function (row) { return row.node(); }));
      }
      list.querySelector("[data-shown]").textContent = found.length;
      list.querySelector("[data-none]").hidden = found.length > 0 || rows.length === 0;
      reset.hidden = !state.q && !Object.keys(state.chosen).length;
      if (pager) {
        pager.hidden = last < 2;
        pager.querySelector("[data-range]").textContent = (from + 1) + "–" + (from + part.length) + " / " + found.length;
        pager.querySelector('[data-step="-1"]').disabled = state.page === 1;
        pager.querySelector('[data-step="1"]').disabled = state.page === last;
      }
      list.querySelectorAll("[data-sort]").forEach(function (head) {
        var on = state.sort.replace("-", "") === head.dataset.sort;
        if (on) { head.setAttribute("aria-sort", state.sort[0] === "-" ? "descending" : "ascending"); }
        else { head.removeAttribute("aria-sort"); }
      });
    }

    function changed() { show(); write(); }

    filters.forEach(function (filter) {
      filter.addEventListener("change", function () {
        var value = filter.type === "checkbox" ? (filter.checked ? filter.value : "") : filter.value;
        if (value) { state.chosen[filter.dataset.filter] = value; } else { delete state.chosen[filter.dataset.filter]; }
        state.page = 1;
        changed();
      });
    });
    field.addEventListener("input", function () { state.q = field.value.trim(); state.page = 1; changed(); });
    list.querySelector("[data-tools]").addEventListener("submit", function (event) { event.preventDefault(); });
    list.querySelectorAll("[data-sort] button").forEach(function (button) {
      button.addEventListener("click", function () {
        var key = button.closest("[data-sort]").dataset.sort;
        state.sort = state.sort === key ? "-" + key : state.sort === "-" + key ? "" : key;
        state.page = 1;
        changed();
      });
    });
    reset.addEventListener("click", function () {
      state = { q: "", sort: state.sort, page: 1, chosen: {} };
      write();
      read();
      show();
      field.focus();
    });
    if (pager) {
      pager.querySelectorAll("[data-step]").forEach(function (button) {
        button.addEventListener("click", function () {
          state.page += Number(button.dataset.step);
          changed();
          list.scrollIntoView({ block: "start" });
        });
      });
    }
    window.addEventListener("hashchange", function () {
      if (location.hash.indexOf("=") > 0 || !location.hash) { read(); show(); }
    });
    read();
    show();
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-list]").forEach(start);
  });
})();
