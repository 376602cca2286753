//! Made-up families: who lives in them, and what a year does to them.

use jiff::civil::Date;

use crate::dice::{Dice, For, mix};
use crate::document::home::Home;
use crate::kb::Kb;
use crate::names;
use crate::person::{Change, Marital, Person, Sketch, Tie, born, days_before};

#[derive(Clone)]
pub(crate) struct Family {
    pub(crate) people: Vec<Person>,
    /// Of the wife, if there is one.
    pub(crate) kb: Option<Kb>,
    pub(crate) home: Home,
    seed: u64,
    surname: &'static str,
    religion: u8,
    district: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Couple,
    CoupleAlone,
    Mother,
    Father,
    Alone,
    Siblings,
    Grandparent,
}

/// How a family begins: who heads it.
pub(crate) struct Beginning {
    kind: Kind,
    woman: bool,
    surname: &'static str,
    pub(crate) head: String,
}

impl Beginning {
    pub(crate) fn of(seed: u64) -> Beginning {
        let dice = &mut Dice::of(seed, For::Head);
        let kind = dice.weighted(&[
            (Kind::Couple, 62),
            (Kind::CoupleAlone, 9),
            (Kind::Mother, 10),
            (Kind::Father, 3),
            (Kind::Alone, 9),
            (Kind::Siblings, 3),
            (Kind::Grandparent, 4),
        ]);
        let woman = match kind {
            Kind::Couple | Kind::CoupleAlone | Kind::Father => false,
            Kind::Mother => true,
            Kind::Alone | Kind::Siblings | Kind::Grandparent => dice.percent(50),
        };
        let surname = names::family(dice);
        let head = names::full(dice, woman, surname);
        Beginning {
            kind,
            woman,
            surname,
            head,
        }
    }
}

impl Family {
    /// The family of this seed as it is on a day. `district` is its area as a NIK begins: `757101`.
    pub(crate) fn on(seed: u64, district: &str, day: Date) -> Family {
        let Beginning {
            kind,
            woman,
            surname,
            head,
        } = Beginning::of(seed);
        let dice = &mut Dice::of(seed, For::Family);
        let religion = dice.weighted(&[(1, 955), (2, 25), (3, 12), (4, 4), (5, 4)]);
        let mut family = Family {
            people: Vec::with_capacity(6),
            kb: None,
            home: Home::new(dice),
            seed,
            surname,
            religion,
            district: district.to_owned(),
        };
        let (low, high) = match kind {
            Kind::Couple => (23, 66),
            Kind::CoupleAlone if dice.percent(45) => (21, 33),
            Kind::CoupleAlone => (54, 78),
            Kind::Mother => (30, 66),
            Kind::Father => (33, 66),
            Kind::Alone => (20, 84),
            Kind::Siblings => (20, 31),
            Kind::Grandparent => (52, 78),
        };
        let head_age = dice.between(low, high);
        let head_born = born(dice, head_age, day);
        family.join(dice, head, woman, head_born, Tie::Head);
        match kind {
            Kind::Couple => family.couple(dice, head_age, true, day),
            Kind::CoupleAlone => family.couple(dice, head_age, false, day),
            Kind::Mother => {
                family.was_married(dice, head_age);
                let first = dice.between(18, 24);
                family.children(dice, Some(0), head_age - first, day);
            }
            Kind::Father => {
                family.was_married(dice, head_age);
                let first = dice.between(22, 28);
                family.children(dice, None, head_age - first, day);
            }
            Kind::Alone if head_age > 35 => family.was_married(dice, head_age),
            Kind::Alone => {}
            Kind::Siblings => {
                for _ in 0..dice.between(1, 3) {
                    let age = dice.between(8, head_age - 1);
                    family.relative(dice, age, day);
                }
            }
            Kind::Grandparent => {
                family.was_married(dice, head_age);
                for _ in 0..dice.between(1, 2) {
                    let age = dice.between(1, 17);
                    family.relative(dice, age, day);
                }
            }
        }
        family
    }

    /// Brings the family from the day of the last visit to that of this one: some are born, die, go,
    /// come or marry, and some answers change.
    pub(crate) fn live_until(&mut self, last: Date, day: Date) {
        let dice = &mut Dice::of(self.seed, For::ThisYear);
        self.home.change(dice);
        for person in &mut self.people {
            person.certificate |= dice.percent(30);
            if dice.percent(4) {
                person.job = dice.between(2, 10) as u8;
            }
        }
        let wife = self.find(Tie::Wife);
        let wife_age = wife.map(|at| self.people[at].age(day));
        match dice.between(0, 999) {
            ..6 if wife.is_some() => self.lose_head(),
            6..76 if wife_age.is_some_and(|age| age < 41) => {
                let born = days_before(day, dice.between(5, days_between(last, day) - 2));
                let girl = dice.percent(49);
                let name = names::full(dice, girl, self.surname);
                self.join(dice, name, girl, born, Tie::Child);
                self.newest(|child| child.mother = wife, Change::Born);
                if let Some(kb) = &mut self.kb {
                    kb.gives_birth(girl);
                }
            }
            76..96 if wife.is_some() => {
                let age = dice.between(55, 82);
                self.relative(dice, age, day);
                self.newest(|elder| elder.marital = Marital::Widowed, Change::Came);
                let at_age = dice.between(17, 24);
                self.newest(|elder| elder.married_at = at_age, Change::Came);
            }
            96..130 => self.one_leaves(day),
            130..230 => self.head_marries(dice, day),
            _ => {}
        }
        if let (Some(kb), Some(age)) = (&mut self.kb, wife_age) {
            kb.live_on(dice, age, day);
        }
    }

    fn join(&mut self, dice: &mut Dice, name: String, woman: bool, born: Date, tie: Tie) {
        let serial = mix(self.seed, self.people.len() as u64);
        let sketch = Sketch {
            name,
            woman,
            born,
            tie,
            religion: self.religion,
            district: &self.district,
            serial,
        };
        self.people.push(Person::new(dice, sketch));
    }

    fn newest(&mut self, alter: impl FnOnce(&mut Person), change: Change) {
        if let Some(person) = self.people.last_mut() {
            alter(person);
            person.change = change;
        }
    }

    fn find(&self, tie: Tie) -> Option<usize> {
        self.people
            .iter()
            .position(|p| p.tie == tie && p.change.is_here())
    }

    fn was_married(&mut self, dice: &mut Dice, age: i64) {
        let status = if age > 50 || dice.percent(40) {
            Marital::Widowed
        } else {
            Marital::Divorced
        };
        let at_age = dice.between(17, 27.min(age));
        if let Some(head) = self.people.first_mut() {
            head.marital = status;
            head.married_at = at_age;
        }
    }

    fn couple(&mut self, dice: &mut Dice, head_age: i64, with_children: bool, day: Date) {
        let wife_age = (head_age
            - dice.weighted(&[(-2, 6), (0, 14), (1, 14), (3, 30), (5, 24), (8, 12)]))
        .max(19);
        let married = dice.between(17, 25.min(wife_age));
        self.marry(dice, wife_age, married, day);
        let his = (head_age - (wife_age - married)).max(16).min(head_age - 1);
        if let Some(head) = self.people.first_mut() {
            head.marital = Marital::Married;
            head.married_at = his;
            if dice.percent(3) {
                head.whereabouts = dice.weighted(&[(2, 5), (3, 1)]);
            }
        }
        let mut living = [0, 0];
        if with_children {
            let years = wife_age - married - dice.between(0, 2);
            living = self.children(dice, Some(1), years, day);
            if dice.percent(8) {
                let age = head_age + dice.between(22, 30);
                if age < 95 {
                    self.relative(dice, age, day);
                    let at_age = dice.between(17, 24);
                    self.newest(
                        |elder| (elder.marital, elder.married_at) = (Marital::Widowed, at_age),
                        Change::None,
                    );
                }
            }
        }
        self.kb = Some(Kb::new(dice, living, wife_age, day));
    }

    fn marry(&mut self, dice: &mut Dice, age: i64, at_age: i64, day: Date) {
        let own = names::family(dice);
        let name = names::full(dice, true, own);
        let date = born(dice, age, day);
        self.join(dice, name, true, date, Tie::Wife);
        self.newest(
            |wife| (wife.marital, wife.married_at) = (Marital::Married, at_age),
            Change::None,
        );
    }

    /// Children of a mother who could bear them for so many years; gives the living sons and
    /// daughters. The grown have mostly left, and are no longer in the roster.
    fn children(
        &mut self,
        dice: &mut Dice,
        mother: Option<usize>,
        years: i64,
        day: Date,
    ) -> [i64; 2] {
        let wanted = dice.weighted(&[(1, 22), (2, 36), (3, 25), (4, 12), (5, 5)]);
        let mut living = [0, 0];
        let mut age = years - 1;
        for _ in 0..wanted {
            if age < 0 {
                break;
            }
            let girl = dice.percent(49);
            living[usize::from(girl)] += 1;
            if age < 22 || dice.percent(25) {
                let name = names::full(dice, girl, self.surname);
                let date = born(dice, age, day);
                self.join(dice, name, girl, date, Tie::Child);
                let away = age >= 17 && mother.is_some() && dice.percent(12);
                self.newest(
                    |child| {
                        child.mother = mother;
                        child.whereabouts = if away { 2 } else { 1 };
                    },
                    Change::None,
                );
            }
            age -= dice.between(2, 5);
        }
        living
    }

    fn relative(&mut self, dice: &mut Dice, age: i64, day: Date) {
        let woman = dice.percent(52);
        let name = names::full(dice, woman, self.surname);
        let date = born(dice, age, day);
        self.join(dice, name, woman, date, Tie::Other);
    }

    /// The head dies, and the widow takes his place.
    fn lose_head(&mut self) {
        for person in &mut self.people {
            match person.tie {
                Tie::Head => person.change = Change::Died,
                Tie::Wife => (person.tie, person.marital) = (Tie::Head, Marital::Widowed),
                Tie::Child | Tie::Other => {}
            }
        }
        self.kb = None;
    }

    /// A grown child or a relative goes, or an old one dies.
    fn one_leaves(&mut self, day: Date) {
        let going = |p: &&mut Person| matches!(p.tie, Tie::Child | Tie::Other) && p.age(day) >= 18;
        if let Some(person) = self.people.iter_mut().rev().find(going) {
            let old = person.age(day) >= 65;
            person.change = if old { Change::Died } else { Change::Left };
        }
    }

    /// A young man who lived alone brings home a wife.
    fn head_marries(&mut self, dice: &mut Dice, day: Date) {
        let [head] = self.people.as_mut_slice() else {
            return;
        };
        let age = head.age(day);
        if head.woman || age > 40 || head.marital != Marital::Never {
            return;
        }
        (head.marital, head.married_at, head.change) = (Marital::Married, age, Change::Married);
        head.whereabouts = 1;
        let hers = (age - 2).max(19);
        self.marry(dice, hers, hers, day);
        self.newest(|_| {}, Change::Married);
        self.kb = Some(Kb::new(dice, [0, 0], hers, day));
    }
}

fn days_between(first: Date, last: Date) -> i64 {
    first.duration_until(last).as_hours() / 24
}
