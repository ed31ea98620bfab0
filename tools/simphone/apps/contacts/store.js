// Writing to the contacts provider's table.
"use strict";

const store = (() => {
  const FIELDS = ["first_name", "last_name", "number", "number_type", "email", "company", "note"];

  function displayName(fields) {
    return `${fields.first_name} ${fields.last_name}`.trim() || fields.company || fields.email || fields.number;
  }

  function cleaned(fields) {
    const found = {};
    for (const name of FIELDS) found[name] = String(fields[name] || "").trim();
    return found;
  }

  // The new contact's id, or the old one's.
  async function save(id, fields) {
    const values = cleaned(fields);
    const row = [displayName(values), ...FIELDS.map((name) => values[name]), phone.now().getTime()];
    if (id) {
      await people.sql(people.CONTACTS, `UPDATE contacts SET display_name = ?, ${FIELDS.map((name) => `${name} = ?`).join(", ")}, last_updated = ? WHERE _id = ?`, [...row, id]);
      return id;
    }
    await people.sql(people.CONTACTS, `INSERT INTO contacts (display_name, ${FIELDS.join(", ")}, last_updated, starred) VALUES (?, ${FIELDS.map(() => "?").join(", ")}, ?, 0)`, row);
    return (await people.sql(people.CONTACTS, "SELECT max(_id) AS id FROM contacts"))[0].id;
  }

  function star(id, on) {
    return people.sql(people.CONTACTS, "UPDATE contacts SET starred = ?, last_updated = ? WHERE _id = ?", [on ? 1 : 0, phone.now().getTime(), id]);
  }

  function remove(id) {
    return people.sql(people.CONTACTS, "DELETE FROM contacts WHERE _id = ?", [id]);
  }

  // A whole name as first and last: the last word is the last name.
  function splitName(name) {
    const words = String(name || "").trim().split(/\s+/);
    return { first_name: words.length > 1 ? words.slice(0, -1).join(" ") : words[0] || "", last_name: words.length > 1 ? words.at(-1) : "" };
  }

  function isEmpty(fields) {
    const values = cleaned(fields);
    return FIELDS.every((name) => name === "number_type" || !values[name]);
  }

  return { FIELDS, save, star, remove, splitName, isEmpty, cleaned };
})();
