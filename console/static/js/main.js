// Starts what the page asks for. Each module is one idea, finds its own elements by their data attributes, and does nothing
// on pages without them; without scripts every page still works by its links and forms.
import "./focus.js";
import "./case.js";
import "./keep.js";
