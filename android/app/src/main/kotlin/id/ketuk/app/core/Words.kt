/**
 * The core's types under the names that the screens know them by. Only this package sees the
 * generated ones: what changes over there is met here.
 */
package id.ketuk.app.core

typealias Answer = id.ketuk.core.Answer
typealias NoAnswer = id.ketuk.core.Answer.Empty
typealias TextAnswer = id.ketuk.core.Answer.Text
typealias ChoiceAnswer = id.ketuk.core.Answer.Choice
typealias ChoicesAnswer = id.ketuk.core.Answer.Choices

typealias Control = id.ketuk.core.Control
typealias TextControl = id.ketuk.core.Control.Text
typealias IntegerControl = id.ketuk.core.Control.Integer
typealias DecimalControl = id.ketuk.core.Control.Decimal
typealias DateControl = id.ketuk.core.Control.Date
typealias TimeControl = id.ketuk.core.Control.Time
typealias DateTimeControl = id.ketuk.core.Control.DateTime
typealias ChoiceControl = id.ketuk.core.Control.Choice
typealias ChoicesControl = id.ketuk.core.Control.Choices
typealias RangeControl = id.ketuk.core.Control.Range
typealias RankControl = id.ketuk.core.Control.Rank
typealias NoteControl = id.ketuk.core.Control.Note
typealias AcknowledgeControl = id.ketuk.core.Control.Acknowledge
typealias BarcodeControl = id.ketuk.core.Control.Barcode
typealias GeoControl = id.ketuk.core.Control.Geo
typealias FileControl = id.ketuk.core.Control.File
typealias Geo = id.ketuk.core.Geo
typealias Media = id.ketuk.core.Media

typealias Page = id.ketuk.core.Screen
typealias Item = id.ketuk.core.Item
typealias HeadingItem = id.ketuk.core.Item.Heading
typealias NoteItem = id.ketuk.core.Item.Note
typealias QuestionItem = id.ketuk.core.Item.Question
typealias RosterItem = id.ketuk.core.Item.Roster
typealias Question = id.ketuk.core.Question
typealias Choice = id.ketuk.core.Choice
typealias Choices = id.ketuk.core.Choices
typealias Roster = id.ketuk.core.Roster
typealias Card = id.ketuk.core.Card
typealias Problem = id.ketuk.core.Problem
typealias Keyboard = id.ketuk.core.Keyboard
typealias Precision = id.ketuk.core.Precision
typealias ContentsRow = id.ketuk.core.ContentsRow

typealias Phone = id.ketuk.core.Phone
typealias Households = id.ketuk.core.Households
typealias Visit = id.ketuk.core.Visit
typealias Enrolment = id.ketuk.core.Enrolment
typealias Area = id.ketuk.core.AreaName
typealias Progress = id.ketuk.core.Progress
typealias AreaProgress = id.ketuk.core.AreaProgress
typealias Counts = id.ketuk.core.Counts
typealias Filter = id.ketuk.core.Filter
typealias HouseholdState = id.ketuk.core.HouseholdState
typealias HouseholdRow = id.ketuk.core.HouseholdRow
typealias HouseholdPage = id.ketuk.core.HouseholdPage
typealias HouseholdDetail = id.ketuk.core.HouseholdDetail
typealias AnswerInWords = id.ketuk.core.AnswerInWords
typealias Standing = id.ketuk.core.Standing
typealias ReceiptInWords = id.ketuk.core.ReceiptInWords
typealias Photo = id.ketuk.core.Photo
typealias RefusedPhoto = id.ketuk.core.PhotoState.Refused
typealias ProofRow = id.ketuk.core.ProofRow
typealias Happened = id.ketuk.core.Happened
typealias Begun = id.ketuk.core.What.Begun
typealias Finished = id.ketuk.core.What.Finished
typealias HandedOver = id.ketuk.core.What.HandedOver
typealias WasSent = id.ketuk.core.What.Sent
typealias WasReceived = id.ketuk.core.What.Received
typealias WasRefused = id.ketuk.core.What.Refused
typealias SentBack = id.ketuk.core.What.SentBack
typealias Changed = id.ketuk.core.What.Changed
typealias LeftList = id.ketuk.core.What.Left
typealias What = id.ketuk.core.What
typealias Qr = id.ketuk.core.Qr
typealias LastRun = id.ketuk.core.LastRun
typealias WaitingEntry = id.ketuk.core.WaitingEntry
typealias WaitingPage = id.ketuk.core.WaitingPage
typealias Saved = id.ketuk.core.Finish.Saved
typealias Unfinished = id.ketuk.core.Finish.Unfinished
typealias Finish = id.ketuk.core.Finish
typealias SyncReport = id.ketuk.core.SyncReport
typealias SyncEnd = id.ketuk.core.SyncEnd
typealias Handover = id.ketuk.core.Handover
typealias OnlyHere = id.ketuk.core.OnlyHere
typealias PinFault = id.ketuk.core.PinFault
typealias Left = id.ketuk.core.Left

/** Families met and new, which is what counts towards the target. */
val Counts.achieved: Int get() = (met + new).toInt()

/** What is wrong with a PIN that she chooses. */
fun pinFault(pin: String): PinFault? = id.ketuk.core.pinFault(pin)
/** [text] as a QR code; null for one that is too long for any. */
fun qrOf(text: String): Qr? = id.ketuk.core.qr(text)
