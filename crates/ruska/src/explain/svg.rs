//! The map as a picture: an SVG file of its own, without scripts, fonts or links.
//!
//! Colours are those of Okabe and Ito, which people of any colour vision tell apart, and each cluster
//! has a mark of its own besides. Eight clusters have both; further ones are drawn in grey. Reference:
//! Okabe, Ito, "Color Universal Design", 2008, <https://jfly.uni-koeln.de/color/>.

use super::map::{Axis, ClusterMap};
use super::words::title;
use super::{ClusterProfile, Explanation};
use crate::svg::{escaped, wrapped};
use crate::words::{cut, percent};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 640.0;
/// The field of the points: left, top, right, bottom.
const FIELD: [f64; 4] = [48.0, 56.0, 600.0, 584.0];
/// Where the legend begins, and characters of a line of it.
const LEGEND: (f64, usize) = (624.0, 42);
/// Most lines of words for a cluster.
const LINES: usize = 6;
/// Height of a line of the legend.
const LINE: f64 = 13.0;
/// Room between two clusters of it.
const GAP: f64 = 9.0;
const GREY: &str = "#9a9a9a";
/// The colours, those that stand out on white first.
const COLOURS: [&str; 8] =
    ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"];
/// The marks, as paths around the origin: circle, square, triangles, diamond, plus, cross, hexagon.
const MARKS: [&str; 8] = [
    "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0z",
    "m-2.7,-2.7h5.4v5.4h-5.4z",
    "m0,-3.6l3.4,6h-6.8z",
    "m0,-3.8l3.3,3.8l-3.3,3.8l-3.3,-3.8z",
    "m0,3.6l3.4,-6h-6.8z",
    "m-1.1,-3.6h2.2v2.5h2.5v2.2h-2.5v2.5h-2.2v-2.5h-2.5v-2.2h2.5z",
    "m-3.2,-2.1l1.1,-1.1l2.1,2.1l2.1,-2.1l1.1,1.1l-2.1,2.1l2.1,2.1l-1.1,1.1l-2.1,-2.1l-2.1,2.1l-1.1,-1.1l2.1,-2.1z",
    "m-3.4,0l1.7,-3h3.4l1.7,3l-1.7,3h-3.4z",
];
/// The mark of what has no colour.
const DOT: &str = "m-1.6,0a1.6,1.6 0 1,0 3.2,0a1.6,1.6 0 1,0 -3.2,0z";

/// Colour and mark of a cluster.
fn look(cluster: i32) -> (&'static str, &'static str) {
    let place = usize::try_from(cluster).ok().filter(|place| *place < COLOURS.len());
    place.map_or((GREY, DOT), |place| (COLOURS[place], MARKS[place]))
}

/// The picture.
pub(super) fn draw(explanation: &Explanation, heading: &str) -> String {
    let map = &explanation.map;
    let heading = escaped(&cut(heading, 80));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" \
         font-size=\"11\" fill=\"#222222\">\n<title>{heading}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"32\" font-size=\"17\" font-weight=\"bold\">{heading}</text>\n",
        FIELD[0]
    );
    let frame = Frame::of(map);
    let [left, top, right, bottom] = FIELD;
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" \
         stroke=\"#bbbbbb\"/>",
        right - left,
        bottom - top
    );
    axes(&mut svg, map);
    points(&mut svg, map, &frame);
    labels(&mut svg, map, &frame);
    legend(&mut svg, explanation);
    svg + "</svg>\n"
}

/// How places become places of the picture: one scale for both axes, so that distances are true.
struct Frame {
    middle: [f64; 2],
    scale: f64,
}

impl Frame {
    fn of(map: &ClusterMap) -> Self {
        let places = || map.points.iter().flat_map(|(_, points)| points);
        let range = |k: usize| {
            let bounds = places().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
                (low.min(p[k]), high.max(p[k]))
            });
            if bounds.0.is_finite() { bounds } else { (0.0, 0.0) }
        };
        let ranges = [range(0), range(1)];
        let room = [FIELD[2] - FIELD[0] - 24.0, FIELD[3] - FIELD[1] - 24.0];
        let scales = [0, 1].map(|k| room[k] / (ranges[k].1 - ranges[k].0).max(1e-9));
        Self {
            middle: ranges.map(|(low, high)| low + (high - low) / 2.0),
            scale: scales[0].min(scales[1]).min(1e6),
        }
    }

    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [left, top, right, bottom] = FIELD;
        [
            left.midpoint(right) + (x - self.middle[0]) * self.scale,
            top.midpoint(bottom) - (y - self.middle[1]) * self.scale,
        ]
    }
}

fn axes(svg: &mut String, map: &ClusterMap) {
    let [left, top, right, bottom] = FIELD;
    let words = |k: usize, axis: &Axis| {
        let names: Vec<String> = axis.columns.iter().map(|c| cut(c, 24)).collect();
        let by = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        escaped(&format!("component {} ({}){by}", k + 1, percent(axis.share)))
    };
    let [x, y] = [0, 1].map(|k| words(k, &map.axes[k]));
    let (across, up) = (left.midpoint(right), top.midpoint(bottom));
    let _ = writeln!(
        svg,
        "<text x=\"{across}\" y=\"{}\" text-anchor=\"middle\" font-size=\"12\">{x}</text>\n\
         <text transform=\"translate({} {up}) rotate(-90)\" text-anchor=\"middle\" \
         font-size=\"12\">{y}</text>",
        bottom + 22.0,
        left - 14.0
    );
}

fn points(svg: &mut String, map: &ClusterMap, frame: &Frame) {
    // What has no colour lies below, then the larger clusters, so that small ones are seen.
    for (cluster, points) in map.points.iter().rev().filter(|p| look(p.0).0 == GREY) {
        cloud(svg, *cluster, points, frame);
    }
    for (cluster, points) in map.points.iter().filter(|p| look(p.0).0 != GREY) {
        cloud(svg, *cluster, points, frame);
    }
}

/// The points of a cluster as one path.
fn cloud(svg: &mut String, cluster: i32, points: &[[f64; 2]], frame: &Frame) {
    let (colour, mark) = look(cluster);
    let _ = write!(svg, "<path fill=\"{colour}\" fill-opacity=\"0.6\" d=\"");
    for point in points {
        let [x, y] = frame.place(*point);
        let _ = write!(svg, "M{x:.1},{y:.1}{mark}");
    }
    svg.push_str("\"/>\n");
}

/// The numbers of the clusters at their middles, moved apart where they would cover each other.
fn labels(svg: &mut String, map: &ClusterMap, frame: &Frame) {
    let named = map.middles.iter().filter(|m| m.cluster >= 0);
    let named: Vec<_> = named.take(super::CLUSTERS).collect();
    let mut places: Vec<[f64; 2]> = named.iter().map(|m| frame.place([m.x, m.y])).collect();
    for _ in 0..50 {
        for i in 0..places.len() {
            for j in i + 1..places.len() {
                let [dx, dy] = [places[j][0] - places[i][0], places[j][1] - places[i][1]];
                let apart = dx.hypot(dy);
                if apart >= 24.0 {
                    continue;
                }
                let (ux, uy) = if apart > 1e-6 { (dx / apart, dy / apart) } else { (1.0, 0.0) };
                let push = (24.0 - apart) / 2.0;
                places[i] = [places[i][0] - push * ux, places[i][1] - push * uy];
                places[j] = [places[j][0] + push * ux, places[j][1] + push * uy];
            }
        }
    }
    for (middle, [x, y]) in named.iter().zip(places) {
        let colour = look(middle.cluster).0;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"11\" fill=\"#ffffff\" fill-opacity=\"0.9\" \
             stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\" font-size=\"13\" font-weight=\"bold\">{}</text>",
            y + 4.6,
            middle.cluster
        );
    }
}

fn legend(svg: &mut String, explanation: &Explanation) {
    let coloured = |p: &&ClusterProfile| p.cluster < COLOURS.len() as i32;
    let shown: Vec<&ClusterProfile> = explanation.profiles.iter().filter(coloured).collect();
    let mut y = FIELD[1] + 10.0;
    let others = explanation.clusters.saturating_sub(COLOURS.len());
    // The lines that each may have, so that the last one still is on the picture.
    let room = (FIELD[3] - y - LINE) / shown.len().max(1) as f64;
    let lines = ((room - GAP) / LINE) as usize - 1;
    for profile in shown {
        let (colour, mark) = look(profile.cluster);
        let x = LEGEND.0;
        let _ = writeln!(
            svg,
            "<path fill=\"{colour}\" transform=\"translate({x} {:.1}) scale(1.5)\" \
             d=\"M0,0{mark}\"/><text x=\"{}\" y=\"{y:.1}\" font-size=\"12\" \
             font-weight=\"bold\">{}, {} of {}</text>",
            y - 4.0,
            x + 12.0,
            title(profile.cluster),
            percent(profile.share),
            rows(explanation.rows),
        );
        let words = profile.words.split_once("): ").map_or("", |(_, words)| words);
        for line in
            wrapped(&words.replace('`', "").replace(" %", "\u{a0}%"), LEGEND.1, lines.min(LINES))
        {
            y += LINE;
            let _ =
                writeln!(svg, "<text x=\"{}\" y=\"{y:.1}\">{}</text>", x + 12.0, escaped(&line));
        }
        y += LINE + GAP;
    }
    if others > 0 {
        let what = if others == 1 { "cluster" } else { "clusters" };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y:.1}\" fill=\"#555555\">{others} more {what} in grey</text>",
            LEGEND.0 + 12.0
        );
    }
}

fn rows(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}
