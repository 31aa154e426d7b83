"""The one door through which tracking figures leave: rounded, or withheld below a level.

`protected_build` turns a build into one that anyone may see. The default is controlled
rounding: every figure of people becomes a multiple of a base, and still adds up.

Sources:
    Cox, L. H. (1987): A constructive procedure for unbiased controlled rounding. Journal of the
    American Statistical Association 82. Rosén, B. (1997): On sampling with probability
    proportional to size. Journal of Statistical Planning and Inference 62. Hundepool, A. et
    al. (2012): Statistical Disclosure Control. Wiley.
"""

from waystation.release.disclosure.protection import protected_build
from waystation.release.disclosure.rules import DisclosureReport, DisclosureRule, Method

__all__ = ["DisclosureReport", "DisclosureRule", "Method", "protected_build"]
