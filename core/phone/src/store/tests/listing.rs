use super::*;

fn page(store: &Store, filter: &Filter, after: Option<&str>) -> (Vec<u128>, Option<String>) {
    let page = store.page(filter, after, 3).unwrap().unwrap();
    let ids = page.rows.iter().map(|row| row.id.as_u128()).collect();
    (ids, page.next)
}

#[test]
fn the_list_comes_in_pages_by_area_and_number() {
    let folder = folder();
    let households: Vec<Uuid> = [4, 2, 7, 1, 5, 6, 3].map(id).into();
    let store = enrolled(folder.path(), &Server::new(), &households);
    let all = Filter::default();
    let (first, next) = page(&store, &all, None);
    let (second, after) = page(&store, &all, next.as_deref());
    let (third, end) = page(&store, &all, after.as_deref());
    assert_eq!(
        (first, second, third),
        (vec![1, 2, 3], vec![4, 5, 6], vec![7])
    );
    assert_eq!(end, None);
}

#[test]
fn the_list_shows_one_area_or_one_state_only() {
    let folder = folder();
    let households: Vec<Uuid> = (1..8).map(id).collect();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &households);
    let mut elsewhere = household(id(90), 1, "Siti");
    elsewhere.area = "75.71.01.1001.002.006".parse().unwrap();
    let there = elsewhere.area.clone();
    apply_page(&store, vec![Change::Household(elsewhere)]);
    finish(&store, id(5), "done");
    let waiting = Filter {
        state: Some(HouseholdState::Waiting),
        ..Filter::default()
    };
    assert_eq!(page(&store, &waiting, None), (vec![5], None));
    let there = Filter {
        area: Some(there),
        ..Filter::default()
    };
    assert_eq!(page(&store, &there, None), (vec![90], None));
    let both = Filter {
        search: Some("kep".into()),
        ..waiting
    };
    assert_eq!(page(&store, &both, None), (vec![5], None));
}

#[test]
fn a_search_finds_the_beginnings_of_words_in_name_number_and_address_of_an_area() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[]);
    let named = [
        (1, "Abdul Rahman"),
        (2, "Rahmatia"),
        (3, "Budi Abdullah"),
        (4, "Élodie"),
    ];
    let changes =
        named.map(|(number, head)| Change::Household(household(id(number), number as usize, head)));
    apply_page(&store, changes.into());
    let find = |typed: &str| {
        let filter = Filter {
            area: Some(area()),
            search: Some(typed.into()),
            ..Filter::default()
        };
        page(&store, &filter, None).0
    };
    assert_eq!(find("rah"), [1, 2]);
    assert_eq!(find("ABD rahm"), [1]);
    assert_eq!(find("elo"), [4]);
    assert_eq!(find("003"), [3]);
    assert_eq!(find("contoh bud"), [3]);
    assert_eq!(find("ahman"), [0u128; 0]);
    assert_eq!(find("\" OR *"), [0u128; 0], "what is typed is no syntax");
    assert_eq!(find("  "), [1, 2, 3], "nothing typed lists all");
}

#[test]
fn a_search_comes_in_pages() {
    let folder = folder();
    let households: Vec<Uuid> = (1..8).map(id).collect();
    let store = enrolled(folder.path(), &Server::new(), &households);
    let filter = Filter {
        search: Some("kepala".into()),
        ..Filter::default()
    };
    let (first, next) = page(&store, &filter, None);
    let (second, after) = page(&store, &filter, next.as_deref());
    assert_eq!((first, second), (vec![1, 2, 3], vec![4, 5, 6]));
    assert_eq!(page(&store, &filter, after.as_deref()), (vec![7], None));
    assert_eq!(store.page(&filter, Some("nonsense"), 3).unwrap(), None);
    assert_eq!(
        store.page(&Filter::default(), Some("nonsense"), 3).unwrap(),
        None
    );
}

#[test]
fn words_of_scripts_whose_vowels_are_signs_are_sought_like_any_other() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[]);
    let head = "\u{a98f}\u{a9b4}\u{a98f}\u{a9b8}";
    let listed = Change::Household(household(id(1), 1, head));
    apply_page(&store, vec![listed]);
    for typed in [head, "a\u{24d0}b"] {
        let filter = Filter {
            search: Some(typed.into()),
            ..Filter::default()
        };
        let page = store.page(&filter, None, 9).unwrap().unwrap();
        assert_eq!(page.rows.len(), usize::from(typed == head), "{typed}");
    }
}
