"use strict";
// A drawing for each product: shapes in a square of 100, "C" stands for the product's colour.
const PICTURES = {
  lamp: '<path d="M30 84h36v6H30z" fill="#444"/><path d="M48 84V58l16-22" stroke="#555" stroke-width="4" fill="none"/><path d="M52 24l30 14-12 16-26-18z" fill="C"/><path d="M50 44l20 11-8 30H28z" fill="#fff3c4" opacity=".5"/>',
  cushion: '<path d="M18 24q32-8 64 0 8 26 0 52-32 8-64 0-8-26 0-52z" fill="C"/><path d="M30 34q20-5 40 0M30 66q20 5 40 0M50 32v36" stroke="#fff" stroke-width="2" opacity=".5" fill="none"/>',
  vase: '<path d="M42 18h16v12q18 12 14 36-4 20-14 22H42q-10-2-14-22-4-24 14-36z" fill="C"/><path d="M42 18h16v5H42z" fill="#000" opacity=".2"/><path d="M34 50q16 8 32 0" stroke="#fff" stroke-width="3" fill="none" opacity=".5"/>',
  blanket: '<path d="M20 30h60v44H20z" fill="C"/><path d="M20 42h60v6H20zM20 56h60v6H20z" fill="#fff" opacity=".45"/><path d="M22 74v8M30 74v8M38 74v8M46 74v8M54 74v8M62 74v8M70 74v8M78 74v8" stroke="C" stroke-width="3"/>',
  clock: '<circle cx="50" cy="50" r="34" fill="C"/><circle cx="50" cy="50" r="28" fill="#fbfaf5"/><path d="M50 30v20l13 9" stroke="#333" stroke-width="4" fill="none" stroke-linecap="round"/><path d="M50 24v4M50 72v4M24 50h4M72 50h4" stroke="#333" stroke-width="3"/>',
  kettle: '<path d="M26 44q24-18 48 0l6 40H20z" fill="C"/><path d="M72 52l14-12 4 6-14 20z" fill="C"/><path d="M30 40q20-34 40 0" stroke="#333" stroke-width="5" fill="none"/><circle cx="50" cy="34" r="5" fill="#333"/><path d="M30 52q-3 12-3 24" stroke="#fff" stroke-width="4" opacity=".5" fill="none"/>',
  knife: '<path d="M14 44h52q14 0 20 12H44q-20 0-30-12z" fill="#dfe4ea" stroke="#aab2bd"/><path d="M62 46h28v10H72z" fill="#4b382b"/><circle cx="74" cy="51" r="2" fill="#ddd"/><circle cx="83" cy="51" r="2" fill="#ddd"/>',
  pan: '<circle cx="42" cy="54" r="30" fill="C"/><circle cx="42" cy="54" r="23" fill="#565d66"/><path d="M64 36l24-20 6 7-24 22z" fill="C"/><circle cx="87" cy="23" r="2.5" fill="#fff"/>',
  grinder: '<path d="M36 34h28l4 50H32z" fill="C"/><path d="M36 34q14-14 28 0z" fill="#555"/><path d="M50 26V16h24" stroke="#555" stroke-width="5" fill="none"/><circle cx="76" cy="16" r="6" fill="#7a5236"/><path d="M34 60h32" stroke="#fff" stroke-width="3" opacity=".5"/>',
  mug: '<path d="M24 30h40v44q0 8-8 8H32q-8 0-8-8z" fill="C"/><path d="M64 40h8q10 0 10 12t-10 12h-8" stroke="C" stroke-width="6" fill="none"/><ellipse cx="44" cy="30" rx="20" ry="5" fill="#5a3a24"/><path d="M36 20q-4-6 0-10M48 20q-4-6 0-10" stroke="#bbb" stroke-width="3" fill="none"/>',
  board: '<path d="M16 36q0-6 6-6h52q6 0 6 6v4h8q6 0 6 7t-6 7h-8v10q0 6-6 6H22q-6 0-6-6z" fill="C"/><path d="M22 42q26-6 52 2M22 54q26 6 50-2M24 62q20-4 44 1" stroke="#6f4a22" stroke-width="2" fill="none" opacity=".5"/><circle cx="86" cy="47" r="3" fill="#fff"/>',
  headphones: '<path d="M22 60q0-38 28-38t28 38" stroke="C" stroke-width="7" fill="none"/><rect x="14" y="54" width="18" height="28" rx="8" fill="C"/><rect x="68" y="54" width="18" height="28" rx="8" fill="C"/><rect x="28" y="56" width="7" height="24" rx="3" fill="#8b93a5"/><rect x="65" y="56" width="7" height="24" rx="3" fill="#8b93a5"/>',
  charger: '<rect x="24" y="30" width="44" height="46" rx="9" fill="C"/><path d="M34 30V18M56 30V18" stroke="#555" stroke-width="5"/><rect x="34" y="46" width="24" height="7" rx="3.5" fill="#222"/><rect x="34" y="60" width="24" height="7" rx="3.5" fill="#222"/>',
  speaker: '<rect x="20" y="24" width="60" height="56" rx="26" fill="C"/><circle cx="50" cy="52" r="19" fill="#fff" opacity=".25"/><circle cx="50" cy="52" r="9" fill="#222" opacity=".6"/>',
  watch: '<path d="M38 8h24l4 24H34zM34 68h32l-4 24H38z" fill="C"/><rect x="26" y="28" width="48" height="44" rx="13" fill="#1c2230"/><path d="M34 54h8l4-12 6 20 5-12h9" stroke="#5ee2a0" stroke-width="3" fill="none"/>',
  reader: '<rect x="24" y="12" width="52" height="76" rx="6" fill="C"/><rect x="30" y="18" width="40" height="60" fill="#f4f2ea"/><path d="M35 28h30M35 36h30M35 44h24M35 52h30M35 60h18" stroke="#777" stroke-width="2.5"/>',
  keyboard: '<rect x="10" y="32" width="80" height="38" rx="6" fill="C"/><g fill="#fff" opacity=".85"><path d="M16 38h8v7h-8zM27 38h8v7h-8zM38 38h8v7h-8zM49 38h8v7h-8zM60 38h8v7h-8zM71 38h13v7H71zM16 48h12v7H16zM31 48h8v7h-8zM42 48h8v7h-8zM53 48h8v7h-8zM64 48h20v7H64zM16 58h10v7H16zM30 58h36v7H30zM70 58h14v7H70z"/></g>',
  shirt: '<path d="M34 18q16 12 32 0l22 14-10 18-10-5v40H32V45l-10 5-10-18z" fill="C"/>',
  jacket: '<path d="M34 16q16-10 32 0l22 18-6 34-12-6v26H30V62l-12 6-6-34z" fill="C"/><path d="M50 16v72" stroke="#333" stroke-width="2"/><path d="M36 62h9M55 62h9" stroke="#333" stroke-width="3"/><path d="M36 16q14 14 28 0" stroke="#333" stroke-width="2" fill="none"/>',
  socks: '<path d="M28 14h20v38q0 8-8 14L26 78q-10 4-14-6t6-16l10-8z" fill="C"/><path d="M60 22h20v38q0 8-8 14L58 86q-10 4-14-6t6-16l10-8z" fill="C" opacity=".75"/><path d="M28 14h20v8H28zM60 22h20v8H60z" fill="#fff" opacity=".5"/>',
  shoe: '<path d="M14 40q16 8 26-6l34 24q16 2 16 14H12q-2-16 2-32z" fill="C"/><path d="M10 72h80v8H10z" fill="#f2efe8" stroke="#bbb"/><path d="M42 44l8-6M50 50l8-6M58 56l8-6" stroke="#fff" stroke-width="3"/>',
  hat: '<ellipse cx="50" cy="66" rx="42" ry="11" fill="C"/><path d="M28 64q0-36 22-34 22-2 22 34-22 8-44 0z" fill="C"/><path d="M28 58q22 8 44 0v7q-22 8-44 0z" fill="#2d2620"/>',
  backpack: '<path d="M28 36q0-20 22-20t22 20v44q0 8-8 8H36q-8 0-8-8z" fill="C"/><path d="M42 18q0-10 8-10t8 10" stroke="#333" stroke-width="4" fill="none"/><rect x="34" y="54" width="32" height="26" rx="5" fill="#fff" opacity=".25"/><path d="M34 62h32M38 40h24" stroke="#222" stroke-width="3"/>',
  bottle: '<rect x="42" y="8" width="16" height="12" rx="3" fill="#444"/><path d="M40 20h20v8q8 6 8 16v40q0 8-8 8H40q-8 0-8-8V44q0-10 8-16z" fill="C"/><path d="M38 46v34" stroke="#fff" stroke-width="4" opacity=".5"/>',
  lantern: '<path d="M36 28q14-24 28 0" stroke="#444" stroke-width="4" fill="none"/><path d="M32 30h36v8H32zM30 76h40v10H30z" fill="C"/><path d="M36 38h28v38H36z" fill="#fff1b8"/><path d="M50 48q8 10 0 20-8-10 0-20z" fill="#f5a623"/>',
  hammock: '<path d="M16 20v68M84 20v68" stroke="#7a5a3c" stroke-width="6"/><path d="M16 34q34 60 68 0-6 42-34 42T16 34z" fill="C"/><path d="M26 48q24 36 48 0" stroke="#fff" stroke-width="2" fill="none" opacity=".6"/>',
  puzzle: '<path d="M18 22h26q-6 14 6 14t6-14h26v26q-14-6-14 6t14 6v24H56q6-14-6-14t-6 14H18V60q14 6 14-6t-14-6z" fill="C"/>',
  train: '<path d="M14 40h40v28H14z" fill="C"/><path d="M54 26h26v42H54z" fill="#3b5b8c"/><path d="M60 32h14v14H60z" fill="#dceaf7"/><path d="M22 24h12v16H22z" fill="#333"/><g fill="#e2b23a"><circle cx="26" cy="74" r="9"/><circle cx="48" cy="74" r="9"/><circle cx="70" cy="74" r="9"/></g>',
  chess: '<rect x="16" y="16" width="68" height="68" fill="#efe0c4" stroke="C" stroke-width="5"/><path d="M16 16h17v17H16zM50 16h17v17H50zM33 33h17v17H33zM67 33h17v17H67zM16 50h17v17H16zM50 50h17v17H50zM33 67h17v17H33zM67 67h17v17H67z" fill="C"/><circle cx="41" cy="38" r="5" fill="#222"/><path d="M34 56l5-16h5l5 16z" fill="#222"/>',
  paint: '<rect x="14" y="30" width="72" height="46" rx="5" fill="#d7dbe2" stroke="#99a"/><g><circle cx="27" cy="43" r="7" fill="#d8453d"/><circle cx="44" cy="43" r="7" fill="#efc23b"/><circle cx="61" cy="43" r="7" fill="#4d9f58"/><circle cx="77" cy="43" r="6" fill="#3c74c4"/><circle cx="27" cy="62" r="7" fill="C"/><circle cx="44" cy="62" r="7" fill="#222"/><circle cx="61" cy="62" r="7" fill="#8d5a34"/></g><path d="M60 88l30-50" stroke="#7a4f2a" stroke-width="4"/>',
};

// The drawing of a product as an element that fills its box.
function picture(product) {
  const frame = document.createElement("span");
  frame.className = "picture";
  frame.setAttribute("aria-hidden", "true");
  const shape = PICTURES[product.picture] ?? '<rect x="25" y="25" width="50" height="50" rx="8" fill="C"/>';
  const colour = /^#[0-9a-f]{3,8}$/i.test(product.colour) ? product.colour : "#8899aa";
  frame.innerHTML = `<svg viewBox="0 0 100 100">${shape.replaceAll('"C"', `"${colour}"`)}</svg>`;
  frame.style.setProperty("--tone", colour);
  return frame;
}
