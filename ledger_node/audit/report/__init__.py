"""A verified bundle as a page to read: one HTML file without anything to load.

    history    what the page shows, gathered while the bundle is verified
    picture    timelines and bars as SVG
    markup     text as HTML
    page       the HTML
    pdf        the same page on paper
    make       all of it, from a bundle
    statement  what single proof files prove, to be signed by whoever examined them

Everything a participant wrote is shown escaped; the page holds no script and asks for nothing.
"""
