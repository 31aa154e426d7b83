/** On every page: htmx, the switches, menus, dialogs and tables. */
import "./partial";
import { startSwitches } from "./switches";
import { startMenus } from "./menus";
import { startTables } from "./tables";

startSwitches();
startMenus();
startTables();
document.documentElement.classList.add("has-scripts");
