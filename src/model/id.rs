//! Typed indices: each type indexes the vectors of its own kind only.

pub(crate) use typed_index_collections::TiVec;

/// Declares an index into a vector, of the width given.
macro_rules! id {
    ($($(#[$doc:meta])* $vis:vis $name:ident($width:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
        $vis struct $name(pub(crate) $width);

        impl From<usize> for $name {
            #[inline]
            fn from(place: usize) -> Self {
                Self(place as $width)
            }
        }

        impl From<$name> for usize {
            #[inline]
            fn from(id: $name) -> Self {
                id.0 as Self
            }
        }
    )*};
}

id! {
    /// A pool of one scenario: a number, in the order of the pools' names.
    pub PoolId(u32);
    /// A demand class of one scenario: a number, in the order of the classes' names.
    pub ClassId(u32);
    /// A region, in the order of names.
    pub(crate) RegionId(u32);
    /// An alert, in the order of names.
    pub(crate) AlertId(u16);
    /// A dependency of one scenario: a number, in the order of the dependencies' names.
    pub DependencyId(u32);
    /// A playbook step, in the order of names.
    pub(crate) StepId(u32);
    /// An outage in one of its regions.
    pub(crate) WindowId(u32);
    /// An occurrence of an outage in this replication.
    pub(crate) OccurrenceId(u32);
    /// A slot for a worker.
    pub(crate) WorkerId(u32);
    /// A slot for a waiting request.
    pub(crate) WaitId(u32);
    /// A slot for a call to a dependency.
    pub(crate) CallId(u32);
    /// A slot for a failed request that will be retried.
    pub(crate) RetryId(u32);
}

/// A slab: slots that are reused, the one freed last first.
#[derive(Clone)]
pub(crate) struct Slots<K, T> {
    places: TiVec<K, T>,
    free: Vec<K>,
}

impl<K, T> Default for Slots<K, T> {
    fn default() -> Self {
        Self {
            places: TiVec::new(),
            free: Vec::new(),
        }
    }
}

impl<K: Copy + From<usize>, T> Slots<K, T>
where
    usize: From<K>,
{
    /// How many slots there are, free or not.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Frees every slot; keeps the memory.
    pub fn clear(&mut self) {
        self.places.clear();
        self.free.clear();
    }

    /// Puts `value` into a free slot.
    #[inline]
    pub fn put(&mut self, value: T) -> K {
        match self.free.pop() {
            Some(id) => {
                self.places[id] = value;
                id
            }
            None => self.places.push_and_get_key(value),
        }
    }

    /// Frees a slot. Its value stays until the slot is reused.
    #[inline]
    pub fn free(&mut self, id: K) {
        self.free.push(id);
    }

    /// Every slot, free ones included.
    pub fn iter_enumerated(&self) -> impl Iterator<Item = (K, &T)> {
        self.places.iter_enumerated()
    }
}

impl<K, T> std::ops::Index<K> for Slots<K, T>
where
    usize: From<K>,
{
    type Output = T;

    #[inline]
    fn index(&self, id: K) -> &T {
        &self.places[id]
    }
}

impl<K, T> std::ops::IndexMut<K> for Slots<K, T>
where
    usize: From<K>,
{
    #[inline]
    fn index_mut(&mut self, id: K) -> &mut T {
        &mut self.places[id]
    }
}
