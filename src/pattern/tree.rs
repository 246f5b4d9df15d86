//! The selectors of some tests as a tree: `$.a` above `$.a.b` and `$.a[0]`.

use serde_json::{Map, Value};

use super::ast::{Check, Selector, Step, Test};
use super::values::Kind;

/// A place in an event, which some selector leads to or through.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The way from the event.
    pub(super) steps: Vec<Step>,
    /// The places below, by name.
    pub(super) names: Vec<usize>,
    /// The places below, by index, ascending.
    pub(super) items: Vec<(u32, usize)>,
    /// The different tests that are made here.
    pub(super) checks: Vec<Check>,
}

impl Node {
    /// The places below by index, ascending.
    pub(super) fn item_places(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        self.items.iter().map(|(_, below)| *below)
    }

    /// Whether an object here is a class of its own: one that no array stands in for. The event always is.
    pub(super) fn may_be_object(&self) -> bool {
        !self.names.is_empty() || self.items.is_empty() || self.steps.is_empty()
    }

    /// Whether an array here is a class of its own: one that no object stands in for.
    pub(super) fn may_be_array(&self) -> bool {
        !self.items.is_empty()
    }
}

/// The places that some tests look at, each after the one above it. The first is the event itself.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn of(tests: &[&Test]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for test in tests {
            let at = tree.add(&test.selector);
            if let Some(node) = tree.nodes.get_mut(at)
                && !node.checks.contains(&test.check)
            {
                node.checks.push(test.check.clone());
            }
        }
        tree
    }

    fn add(&mut self, selector: &Selector) -> usize {
        let mut at = 0;
        for step in &selector.steps {
            at = self.below(at, step).unwrap_or_else(|| self.add_below(at, step));
        }
        at
    }

    fn add_below(&mut self, at: usize, step: &Step) -> usize {
        let new = self.nodes.len();
        let mut steps = Vec::new();
        if let Some(node) = self.nodes.get_mut(at) {
            steps = [node.steps.clone(), vec![step.clone()]].concat();
            match step {
                Step::Name(_) => node.names.push(new),
                Step::Index(index) => {
                    let place = node.items.partition_point(|(before, _)| before < index);
                    node.items.insert(place, (*index, new));
                }
            }
        }
        self.nodes.push(Node { steps, ..Node::default() });
        new
    }

    fn below(&self, at: usize, step: &Step) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let last = |below: usize| self.nodes.get(below).and_then(|node| node.steps.last());
        node.names.iter().copied().chain(node.item_places()).find(|at| last(*at) == Some(step))
    }

    /// Where a test is made, and which of the tests there it is.
    pub(super) fn find(&self, test: &Test) -> Option<(usize, usize)> {
        let at = test.selector.steps.iter().try_fold(0, |at, step| self.below(at, step))?;
        let checks = &self.nodes.get(at)?.checks;
        Some((at, checks.iter().position(|check| *check == test.check)?))
    }

    /// The event in which each place has the value that was chosen for it.
    pub(super) fn event(&self, kinds: &[&Kind]) -> Value {
        let mut built: Vec<Option<Value>> = vec![None; self.nodes.len()];
        // What is below comes later in the tree, so is built before.
        for (at, (node, kind)) in self.nodes.iter().zip(kinds).enumerate().rev() {
            let value = match kind {
                Kind::Missing => None,
                Kind::Flat(value) => Some(value.clone()),
                Kind::Object => Some(Value::Object(self.fields(node, &mut built))),
                Kind::Array => Some(Value::Array(items(node, &mut built))),
            };
            if let Some(place) = built.get_mut(at) {
                *place = value;
            }
        }
        built.into_iter().next().flatten().unwrap_or_default()
    }

    fn fields(&self, node: &Node, built: &mut [Option<Value>]) -> Map<String, Value> {
        let mut fields = Map::new();
        for below in &node.names {
            let step = self.nodes.get(*below).and_then(|node| node.steps.last());
            if let (Some(Step::Name(name)), Some(value)) = (step, take(built, *below)) {
                fields.insert(name.clone(), value);
            }
        }
        fields
    }
}

fn items(node: &Node, built: &mut [Option<Value>]) -> Vec<Value> {
    let mut items = Vec::new();
    for (index, below) in &node.items {
        if let (Ok(index), Some(value)) = (usize::try_from(*index), take(built, *below)) {
            items.resize(index, Value::Null);
            items.push(value);
        }
    }
    items
}

fn take(built: &mut [Option<Value>], at: usize) -> Option<Value> {
    built.get_mut(at).and_then(Option::take)
}
