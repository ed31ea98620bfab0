"use strict";
async function obey(intent) {
  const match = /^shop:\/\/(product\/(\d+)|cart|orders|search)/.exec(intent?.data ?? "");
  if (!match) return;
  while (pages.stack.length > 1) pages.close();
  if (match[2]) { if (await store.product(Number(match[2]))) productPage(Number(match[2])); }
  else if (match[1] === "cart") cartPage();
  else if (match[1] === "orders") ordersPage();
  else listPage({ title: "Search", searching: true });
}

async function begin() {
  await phone.ready;
  phone.onBack(pages.back);
  homePage();
  phone.onIntent(obey);
  await obey(phone.intent);
}

begin();
