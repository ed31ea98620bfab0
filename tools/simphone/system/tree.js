'use strict';
const tree = {read: () => []};
