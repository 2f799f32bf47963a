"""Fills of a glass or a sandwich: the key of each, its name for managers, and its colour."""

from django.utils.translation import gettext_lazy as _

# Key of a fill: its name for managers, and its colour.
FILL_TABLE = {
    "espresso": (_("Espresso"), "#3D2015"),
    "coffee": (_("Black coffee"), "#6A3D24"),
    "water": (_("Water"), "#DCE8E6"),
    "milk": (_("Milk"), "#EFD9B8"),
    "latte": (_("Milk coffee"), "#C4976A"),
    "foam": (_("Milk foam"), "#FFF9EE"),
    "cream": (_("Cream"), "#FFF3DD"),
    "crema": (_("Crema"), "#B87B3D"),
    "oat": (_("Oat drink"), "#E2C79B"),
    "coconut": (_("Coconut milk"), "#FAF3E7"),
    "matcha": (_("Matcha"), "#86A84F"),
    "hojicha": (_("Hojicha"), "#A8734A"),
    "chocolate": (_("Chocolate"), "#5B3322"),
    "caramel": (_("Caramel"), "#C9822F"),
    "syrup": (_("Syrup"), "#DCA94A"),
    "black_tea": (_("Black tea"), "#B25A28"),
    "green_tea": (_("Green tea"), "#CFC873"),
    "oolong": (_("Oolong tea"), "#D59A45"),
    "milk_tea": (_("Milk tea"), "#CDA67D"),
    "hibiscus": (_("Hibiscus tea"), "#B8344A"),
    "lemonade": (_("Lemonade"), "#F3DF8C"),
    "sparkling": (_("Sparkling water"), "#DDEBE4"),
    "yoghurt": (_("Yoghurt"), "#FBF1E6"),
    "berry": (_("Berries"), "#A93553"),
    "blueberry": (_("Blueberries"), "#4C4675"),
    "mango": (_("Mango"), "#F0AA3E"),
    "peach": (_("Peach"), "#F2AB8A"),
    "orange": (_("Orange"), "#EF9A3C"),
    "grapefruit": (_("Grapefruit"), "#E6705F"),
    "lime": (_("Lime"), "#BFD48A"),
    "dough": (_("Dough"), "#E2AF6B"),
    "jelly": (_("Jelly"), "#E6E9D6"),
    "cheese": (_("Cheese"), "#F2C252"),
    "custard": (_("Custard"), "#F6CF62"),
    "ham": (_("Ham"), "#E59A90"),
    "chicken": (_("Chicken"), "#E8C79A"),
    "salmon": (_("Salmon"), "#EE8D68"),
    "egg": (_("Egg"), "#FFF8E8"),
    "lettuce": (_("Lettuce"), "#8BB058"),
    "tomato": (_("Tomato"), "#CF4B36"),
    "avocado": (_("Avocado"), "#B4C468"),
    "nuts": (_("Nuts and grains"), "#B67C47"),
}

# The colour of milk where it mixes with one of these fills.
STAINS = {
    "espresso": "#B9834F",
    "coffee": "#B9834F",
    "chocolate": "#A87350",
    "matcha": "#BACB86",
    "hojicha": "#CBA075",
    "black_tea": "#CE965F",
    "berry": "#E0A3A6",
}
MILKS = ("milk", "oat", "coconut")
AIRY = {"foam", "cream"}
